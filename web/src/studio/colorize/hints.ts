import { useReducer } from "preact/hooks";
import type { Hint } from "../api";

interface History {
  readonly past: readonly (readonly Hint[])[];
  readonly now: readonly Hint[];
  readonly future: readonly (readonly Hint[])[];
  /** What was changed last; changes of the same thing are undone as one. */
  readonly label: string;
}

type Step = { readonly hints: readonly Hint[]; readonly label?: string } | "undo" | "redo";

const EMPTY: History = { past: [], now: [], future: [], label: "" };

function stepped(history: History, step: Step): History {
  const { past, now, future, label } = history;
  const last = past.at(-1);
  const next = future[0];
  if (step === "undo") return last ? { past: past.slice(0, -1), now: last, future: [now, ...future], label: "" } : history;
  if (step === "redo") return next ? { past: [...past, now], now: next, future: future.slice(1), label: "" } : history;
  const isSame = !!step.label && step.label === label;
  return { past: isSame ? past : [...past, now], now: step.hints, future: [], label: step.label ?? "" };
}

/** The hints of a picture, with undo and redo. */
export function useHints() {
  const [{ past, now, future }, dispatch] = useReducer(stepped, EMPTY);
  return { hints: now, set: (hints: readonly Hint[], label?: string) => dispatch(label ? { hints, label } : { hints }), undo: () => dispatch("undo"), redo: () => dispatch("redo"), canUndo: past.length > 0, canRedo: future.length > 0 };
}

/** Return the hints of a file of the command line; throw an Error if it is none. */
export async function readHints(file: File): Promise<Hint[]> {
  let found: unknown = null;
  try {
    found = JSON.parse(await file.text());
  } catch {
    throw new Error(`${file.name} is not valid JSON.`);
  }
  if (!Array.isArray(found) || !found.every(isHint)) throw new Error(`${file.name} is not a list of hints, such as [{"x": 120, "y": 40, "color": "#c02018"}].`);
  return found;
}

const isHint = (one: unknown): one is Hint => {
  const { x, y, color } = (one ?? {}) as Record<string, unknown>;
  return [x, y].every((at) => Number.isInteger(at) && (at as number) >= 0) && typeof color === "string" && /^#[0-9a-fA-F]{6}$/.test(color);
};

export const writtenHints = (hints: readonly Hint[]) => new Blob([`${JSON.stringify(hints, null, 2)}\n`], { type: "application/json" });

/** Hints at the pixels of a smaller picture. */
export const shrunk = (hints: readonly Hint[], block: number, width: number, height: number): Hint[] =>
  hints.map(({ x, y, color }) => ({ x: Math.min(width - 1, Math.floor(x / block)), y: Math.min(height - 1, Math.floor(y / block)), color }));
