import {
  createPrompt,
  isEnterKey,
  makeTheme,
  useEffect,
  useKeypress,
  usePrefix,
  useState,
} from '@inquirer/core';

const PERIOD_MS = 1000;

/** What is asked, and how long an answer can come. */
interface Countdown {
  readonly message: string;
  readonly seconds: number;
}

/** Waits for Enter, and shows the seconds that are left; whoever asks says what becomes of it when they are over. */
export const countdown = createPrompt<void, Countdown>(({ message, seconds }, done) => {
  const theme = makeTheme({});
  const [left, setLeft] = useState(seconds);
  const [status, setStatus] = useState<'idle' | 'done'>('idle');
  const prefix = usePrefix({ status, theme });
  useEffect(() => {
    // The clock of the day may jump meanwhile.
    const end = performance.now() + seconds * 1000;
    const timer = setInterval(() => {
      setLeft(Math.max(0, Math.ceil((end - performance.now()) / 1000)));
    }, PERIOD_MS);
    return () => clearInterval(timer);
  }, []);
  useKeypress((key) => {
    if (!isEnterKey(key)) return;
    setStatus('done');
    done();
  });
  const time = status === 'done' ? '' : ` ${theme.style.help(`${left} s left`)}`;
  return `${prefix} ${theme.style.message(message, status)}${time}`;
});
