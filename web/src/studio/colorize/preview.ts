import { useEffect, useRef, useState } from "preact/hooks";
import { ended, fetched, start, type Hint, type Job, type Sent } from "../api";
import { forget } from "../preview";
import { shrunk } from "./hints";

const LONGEST = [512, 384, 256] as const;
const SLOW = 0.9;

interface Small {
  readonly sent: Sent;
  readonly width: number;
  readonly height: number;
  /** Pixels of the picture for one of the small one, across. */
  readonly block: number;
}

export interface Shown {
  readonly job: Job;
  readonly seconds: number;
  readonly longest: number;
}

/** The colors that the hints give, on a small copy of the picture; while one is converted, later hints wait. */
export function usePreview(opened: Job | null, hints: readonly Hint[], width: number): [Shown | null, boolean, string] {
  const [shown, setShown] = useState<Shown | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const size = useRef(0); // of LONGEST
  const small = useRef<Small | null>(null);
  const wanted = useRef(hints);
  const isRunning = useRef(false);
  const isGone = useRef(false);
  const jobs = useRef<Job[]>([]);
  wanted.current = hints;

  const run = async (id: string) => {
    isRunning.current = true;
    setBusy(true);
    let made: readonly Hint[] | null = null;
    try {
      while (made !== wanted.current && !isGone.current) {
        const copy: Small = (small.current ??= await shrink(id, LONGEST[size.current] ?? 256, width));
        const began = performance.now();
        const given: readonly Hint[] = wanted.current;
        const job = await ended(await start(copy.sent, { model: "colorize", hints: shrunk(given, copy.block, copy.width, copy.height) }, true));
        const seconds = (performance.now() - began) / 1000;
        jobs.current.push(job);
        if (isGone.current) break;
        made = given;
        setShown({ job, seconds, longest: Math.max(copy.width, copy.height) });
        if (jobs.current.length > 2) forget(jobs.current.shift());
        if (seconds > SLOW && given.length > 0 && size.current < LONGEST.length - 1) (size.current += 1, (small.current = null));
      }
      setError("");
    } catch (problem) {
      setError((problem as Error).message);
    }
    isRunning.current = false;
    setBusy(false);
    if (isGone.current) jobs.current.forEach(forget);
  };
  useEffect(() => {
    if (opened && width && !isRunning.current) void run(opened.id);
  }, [opened?.id, hints, width]);
  useEffect(() => () => ((isGone.current = true), isRunning.current || jobs.current.forEach(forget)), []);
  return [shown, isBusy, error];
}

/** A small copy of the picture, as means of blocks of pixels. */
async function shrink(id: string, longest: number, wide: number): Promise<Small> {
  const file = await fetched(`jobs/${id}/preview?of=before&longest=${longest}`, "small.png");
  const bitmap = await createImageBitmap(file);
  const { width, height } = bitmap;
  bitmap.close();
  return { sent: { file, id: null }, width, height, block: Math.max(1, Math.round(wide / width)) };
}
