import { render } from "preact";
import { fromNested, toNested, type Nested } from "./arrays";
import { Stepper } from "./Stepper";
import { inputsOf, run, type Trace } from "./trace";
import "./stepper.css";

/** The result of a trace's steps, also with other inputs; the tests call it. */
export function outputOf(trace: Trace, changed: Readonly<Record<string, Nested>> = {}): Nested {
  const inputs = inputsOf(trace);
  for (const [name, values] of Object.entries(changed)) inputs.set(name, fromNested(values));
  return toNested(run(trace, inputs).arrays.get(trace.stages.at(-1)!.name)!);
}

if (typeof document !== "undefined") {
  const data = document.getElementById("trace")?.textContent;
  const root = document.getElementById("stepper");
  if (data && root) render(<Stepper trace={JSON.parse(data) as Trace} />, root);
}
