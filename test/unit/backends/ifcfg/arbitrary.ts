/** How many texts a property is tried on. */
export const RUNS = Number(process.env.BRIDGE_SETUP_FUZZ_RUNS ?? 2000);
