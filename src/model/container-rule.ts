/** Code of the problem of a rule that comes with the image, and so is not followed. */
export const FROM_IMAGE = 'rule-from-image';

/** Code of the problem of a variable or label whose name is nearly that of a rule. */
export const MISSPELT = 'rule-name-misspelt';

/** What one rule of a running container comes to. */
export interface ContainerRule {
  readonly container: string;
  readonly containerId: string;
  /** Name of the variable or label. */
  readonly variable: string;
  readonly interfaceName: string | null;
  /** Why it is not followed; `null`: it is. */
  readonly problem: {
    readonly code: string;
    readonly message: string;
    readonly remedy: string | null;
  } | null;
}
