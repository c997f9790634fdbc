import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { copyOf, fromNested, places, type NumberArray } from "./arrays";
import { Grid, shown } from "./Grid";
import { readLink, writeLink } from "./link";
import { textsOf } from "./options";
import { Drawings, Links, Options } from "./ServerParts";
import { inputsOf, run, type Computed, type Step, type Trace } from "./trace";

const SIGNS: Readonly<Record<string, string>> = {
  scale: "×", dot: "×", product: "×", difference: "−", divide: "÷", "floor-divide": "÷", remainder: "mod", exp: "−",
};
const WORDS: Readonly<Record<string, string>> = {
  dot: "sum of products", sum: "sum", max: "largest", "index-of-max": "index of the largest", mean: "mean", exp: "exp of the difference",
  tanh: "tanh", sigmoid: "sigmoid", absolute: "without sign", "log-loss": "−log", copy: "copy", "linear-weights": "linear weights",
  "cubic-weights": "cubic weights", "lanczos-weights": "Lanczos weights", remainder: "remainder", "floor-divide": "rounded down",
};
const PLAY_MS = 900;

export interface StepperProps {
  readonly trace: Trace;
  /** Whether the page is its own: the address holds the state, and keys step wherever the focus is. */
  readonly isPage?: boolean;
}

/** An operation, step by step; its numbers can be changed. */
export function Stepper({ trace, isPage = true }: StepperProps) {
  const start = useMemo(() => readLink(isPage ? location.hash : "", trace), [trace]);
  const root = useRef<HTMLElement>(null);
  const [at, setAt] = useState(start.step);
  const [inputs, setInputs] = useState(start.inputs);
  const [playing, setPlaying] = useState(false);
  const last = trace.steps.length;
  const { server } = trace;
  const state = useMemo(() => run(trace, inputs, at), [trace, inputs, at]);
  const original = useMemo(() => inputsOf(trace), [trace]);
  const changed = [...original].some(([name, array]) => array.data.some((value, i) => value !== inputs.get(name)?.data[i]));

  useEffect(() => {
    if (!isPage) return;
    try {
      history.replaceState(null, "", writeLink({ step: at, inputs }, trace));
    } catch {
      // some browsers refuse it for a file on disk
    }
  }, [at, inputs]);
  useEffect(() => {
    if (!playing) return;
    const timer = setInterval(() => setAt((now) => Math.min(last, now + 1)), PLAY_MS);
    return () => clearInterval(timer);
  }, [playing]);
  useEffect(() => {
    if (at === last) setPlaying(false);
  }, [at]);
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return;
      const move = { ArrowLeft: -1, ArrowRight: 1, Home: -last, End: last }[event.key];
      if (move === undefined) return;
      event.preventDefault();
      setAt((now) => Math.max(0, Math.min(last, now + move)));
    };
    const listening = isPage ? window : root.current!;
    listening.addEventListener("keydown", pressed as EventListener);
    return () => listening.removeEventListener("keydown", pressed as EventListener);
  }, []);

  const change = (name: string) => (place: number, value: number) => {
    const array = copyOf(inputs.get(name)!);
    array.data[place] = value;
    setInputs(new Map(inputs).set(name, array));
  };
  const step = trace.steps[at - 1];
  return (
    <main ref={root}>
      {server && <Links />}
      <h1>{trace.title}</h1>
      <p>{trace.idea}</p>
      {server && <Options operation={trace.operation} server={server} texts={textsOf(server, inputs, original)} />}
      <div class="controls" role="group" aria-label="Steps">
        <button type="button" onClick={() => setAt(0)} disabled={at === 0} aria-label="First">|◀</button>
        <button type="button" onClick={() => setAt(at - 1)} disabled={at === 0} aria-label="Back">◀</button>
        <button type="button" onClick={() => (at === last && setAt(0), setPlaying(!playing))}>{playing ? "Pause" : "Play"}</button>
        <button type="button" onClick={() => setAt(at + 1)} disabled={at === last} aria-label="Forward">▶</button>
        <button type="button" onClick={() => setAt(last)} disabled={at === last} aria-label="Last">▶|</button>
        <input type="range" min={0} max={last} value={at} aria-label="Step" onInput={(event) => setAt(event.currentTarget.valueAsNumber)} />
        <output aria-live="polite">{at === 0 ? "Start" : `Step ${at} of ${last}`}</output>
      </div>
      <section>
        <h2>Inputs{changed && <button type="button" onClick={() => setInputs(original)}>Reset the numbers</button>}</h2>
        {trace.inputs.some((input) => input.editable) && <p>Change the numbers here; the steps follow. The arrow keys step.</p>}
        <div class="row">
          {trace.inputs.map((input) => (
            <Grid
              title={input.title}
              array={inputs.get(input.name)!}
              axes={input.axes}
              kind="read"
              marked={readPlaces(step, input.name, inputs.get(input.name)!)}
              {...(input.editable ? { onChange: change(input.name) } : {})}
            />
          ))}
        </div>
      </section>
      {step && <OneStep step={step} computed={state.steps[at - 1]!} text={changed ? "" : step.text} />}
      <section>
        <h2>Results</h2>
        {trace.stages.map((stage) => {
          const array = state.arrays.get(stage.name)!;
          const writes = step?.stage === stage.name;
          return (
            <Grid
              title={stage.title}
              array={array}
              axes={stage.axes}
              kind={writes ? "written" : "read"}
              marked={writes ? indexPlaces(step, array) : readPlaces(step, stage.name, array)}
              known={knownPlaces(trace, stage.name, array, at)}
            />
          );
        })}
      </section>
      {server && <Drawings operation={trace.operation} server={server} texts={textsOf(server, inputs, original)} />}
      {trace.command && <Code code={trace.code} command={trace.command} changed={changed} />}
    </main>
  );
}

const whole = (array: NumberArray) => array.shape.map((length) => [0, length, 1] as const);

function indexPlaces(step: Step, array: NumberArray): Set<number> {
  return new Set(places(array.shape, step.index.length ? step.index : whole(array)));
}

function readPlaces(step: Step | undefined, name: string, array: NumberArray): Set<number> {
  const reads = Object.values(step?.inputs ?? {}).flatMap((input) => (input.read?.array === name ? [input.read] : []));
  return new Set(reads.flatMap((read) => places(array.shape, read.index)));
}

/** The places that the steps so far have written, or that the stage had from the start. */
function knownPlaces(trace: Trace, name: string, array: NumberArray, at: number): Set<number> {
  const start = fromNested(trace.stages.find((stage) => stage.name === name)!.values);
  if (start.data.some((value) => value !== 0)) return new Set(array.data.keys());
  return new Set(trace.steps.slice(0, at).flatMap((step) => (step.stage === name ? [...indexPlaces(step, array)] : [])));
}

/** What one step reads, and what it computes of it. */
function OneStep({ step, computed, text }: { readonly step: Step; readonly computed: Computed; readonly text: string }) {
  const names = Object.keys(step.inputs);
  return (
    <section>
      <h2>This step</h2>
      {text && <p>{text}</p>}
      <div class="row flow">
        {names.map((name, i) => (
          <>
            {i === 1 && <span class="sign">{SIGNS[step.rule] ?? ","}</span>}
            <Grid title={step.inputs[name]!.label} array={computed.inputs[name]!} kind="operand" />
          </>
        ))}
        <span class="sign">{WORDS[step.rule] ? `${WORDS[step.rule]} =` : "="}</span>
        {computed.result.data.length === 1 ? <strong>{shown(computed.result.data[0] ?? NaN)}</strong> : <Grid title="result" array={computed.result} kind="written" />}
        {step.adds && <span class="sign">added to what is there</span>}
      </div>
    </section>
  );
}

/** The same operation as programs, and the command that wrote the page. */
function Code({ code, command, changed }: Pick<Trace, "code" | "command"> & { readonly changed: boolean }) {
  const [library, setLibrary] = useState(Object.keys(code)[0] ?? "");
  return (
    <section>
      <h2>Code</h2>
      {changed && <p>The programs have the original numbers.</p>}
      <div class="tabs" role="group" aria-label="Library">
        {Object.keys(code).map((name) => (
          <button type="button" aria-pressed={name === library} onClick={() => setLibrary(name)}>{name}</button>
        ))}
      </div>
      {library && <pre tabIndex={0}>{code[library]}</pre>}
      <pre tabIndex={0}>{command}</pre>
    </section>
  );
}
