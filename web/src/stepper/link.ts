// The state of a page as the part of its address behind "#", so that a link can be sent.

import { fromNested, toNested, type NumberArray } from "./arrays";
import { inputsOf, type Trace } from "./trace";

export interface Linked {
  readonly step: number;
  readonly inputs: ReadonlyMap<string, NumberArray>;
}

/** Read the state; parts that do not fit the trace are left out. */
export function readLink(hash: string, trace: Trace): Linked {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const step = Number(given.get("step"));
  const inputs = inputsOf(trace);
  for (const input of trace.inputs) {
    const found = numbers(given.get(input.name));
    const own = inputs.get(input.name);
    if (input.editable && found && own && found.shape.join() === own.shape.join()) inputs.set(input.name, found);
  }
  return { step: Number.isInteger(step) && step >= 0 && step <= trace.steps.length ? step : 0, inputs };
}

function numbers(text: string | null): NumberArray | null {
  if (text === null) return null;
  try {
    const found = fromNested(JSON.parse(text));
    const size = found.shape.reduce((a, b) => a * b, 1);
    return found.data.length === size && found.data.every(Number.isFinite) ? found : null;
  } catch {
    return null;
  }
}

/** Write the state; numbers that were not changed are left out. */
export function writeLink({ step, inputs }: Linked, trace: Trace): string {
  const found = new URLSearchParams({ step: String(step) });
  for (const [name, original] of inputsOf(trace)) {
    const now = inputs.get(name);
    if (now && now.data.some((value, i) => value !== original.data[i])) found.set(name, JSON.stringify(toNested(now)));
  }
  return `#${found}`;
}
