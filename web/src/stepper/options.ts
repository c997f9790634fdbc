// The options of an operation, as texts of the command line.

import type { NumberArray } from "./arrays";
import type { Server } from "./trace";

export type Texts = Readonly<Record<string, string>>;

/** The values of the options with the numbers of the page; those that did not change keep their text. */
export function textsOf(server: Server, inputs: ReadonlyMap<string, NumberArray>, original: ReadonlyMap<string, NumberArray>): Texts {
  const texts = { ...server.values };
  for (const [name, { shape, from }] of Object.entries(server.origins)) {
    const numbers = from.map(([input, place]) => inputs.get(input)?.data[place] ?? NaN);
    if (from.some(([input, place], i) => original.get(input)?.data[place] !== numbers[i])) texts[name] = written(numbers, shape);
  }
  return texts;
}

function written(numbers: readonly number[], [channels, rows, columns]: readonly [number, number, number]): string {
  const row = (at: number) => numbers.slice(at * columns, (at + 1) * columns).join(" ");
  const plane = (at: number) => Array.from({ length: rows }, (_, y) => row(at * rows + y)).join("; ");
  return Array.from({ length: channels }, (_, channel) => plane(channel)).join(" | ");
}

/** The options that differ from their defaults. */
export function given(server: Server, texts: Texts): Record<string, string> {
  const differs = ([name, text]: [string, string]) => text !== "" && text !== defaultText(server.options[name]?.default);
  return Object.fromEntries(Object.entries(texts).filter(differs));
}

const defaultText = (value: unknown) => (value === true ? "yes" : value === false ? "no" : String(value ?? ""));
