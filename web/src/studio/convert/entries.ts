import { useRef, useState } from "preact/hooks";
import { hasEnded, inspect, open, remove, start, watch, type Inspection, type Job, type Model, type Sent, type Settings } from "../api";
import { forget } from "../preview";

/** A picture of the page, with what is known about it. */
export interface Entry {
  readonly id: number;
  readonly file: File;
  /** The picture on the server. */
  readonly opened: Job | null;
  readonly found: Inspection | null;
  readonly settings: Settings;
  /** The conversion that was started last, and the settings that it had. */
  readonly run: Job | null;
  readonly used: Settings | null;
  readonly error: string;
}

let last = 0;

export const sentOf = ({ file, opened }: Entry): Sent => ({ file, id: opened?.id ?? null });
export const isRunning = ({ run }: Entry) => run !== null && !hasEnded(run);

/** The pictures of the page: they are sent and inspected one after the other, and converted on request. */
export function useEntries(models: readonly Model[]) {
  const [entries, setEntries] = useState<readonly Entry[]>([]);
  const current = useRef(entries);
  const queue = useRef(Promise.resolve());
  current.current = entries;

  const change = (id: number, patch: Partial<Entry>) => setEntries((now) => now.map((one) => (one.id === id ? { ...one, ...patch } : one)));
  const isThere = (id: number) => current.current.some((one) => one.id === id);

  const look = async (entry: Entry) => {
    if (!isThere(entry.id)) return;
    try {
      const opened = await open(entry.file);
      if (!isThere(entry.id)) return forget(opened);
      change(entry.id, { opened });
      const found = await inspect({ file: entry.file, id: opened.id });
      const proposed = found.advice.find((one) => models.some(({ name }) => name === one.model))?.model;
      change(entry.id, { found, settings: { ...entry.settings, ...(proposed && { model: proposed }) } });
    } catch (problem) {
      change(entry.id, { error: (problem as Error).message });
    }
  };
  const add = (files: readonly File[]) => {
    const model = models.find((one) => one.default)?.name ?? models[0]?.name ?? "";
    const made = files.map((file): Entry => (
      { id: ++last, file, opened: null, found: null, settings: { model, strength: 1 }, run: null, used: null, error: "" }
    ));
    current.current = [...made, ...current.current];
    setEntries((now) => [...made, ...now]);
    for (const entry of made) queue.current = queue.current.then(() => look(entry));
  };
  const convert = async (entry: Entry) => {
    change(entry.id, { error: "" });
    try {
      forget(entry.run);
      const run = await start(sentOf(entry), entry.settings);
      change(entry.id, { run, used: entry.settings });
      watch(run.id, (now) => change(entry.id, { run: now }), (error) => change(entry.id, { error, run: null }));
    } catch (problem) {
      change(entry.id, { error: (problem as Error).message, run: null });
    }
  };
  const cancel = async (entry: Entry) => {
    if (!entry.run) return;
    await remove(entry.run.id).catch(() => undefined);
    change(entry.id, { run: { ...entry.run, state: "canceled" } });
  };
  const drop = (entry: Entry) => {
    forget(entry.run);
    forget(entry.opened);
    setEntries((now) => now.filter((one) => one.id !== entry.id));
  };
  return { entries, add, change, convert, cancel, drop };
}
