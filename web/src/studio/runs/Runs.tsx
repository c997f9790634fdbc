import { useState } from "preact/hooks";
import { Problem } from "../Problem";
import { comparisons as compared, detail, listing, pageUrl, type Comparison, type Detail, type Listing, type Summary } from "./api";
import { Curves } from "./Curves";
import { Form } from "./Form";
import { Run } from "./Run";
import { short } from "./scale";
import { usePolling } from "./usePolling";
import "./runs.css";

const SECONDS = 2;

/** The training runs of the studio's folder. */
export function Runs() {
  const [list, setList] = useState<Listing | null>(null);
  const [comparisons, setComparisons] = useState<readonly Comparison[]>([]);
  const [details, setDetails] = useState<ReadonlyMap<string, Detail>>(new Map());
  const [plotted, setPlotted] = useState<ReadonlySet<string>>(new Set());
  const [opened, setOpened] = useState("");
  const [error, setError] = useState("");

  const look = async () => {
    try {
      const found = await listing();
      const wanted = found.runs.filter(({ name }) => name === opened || plotted.has(name)).filter((one) => isOld(one, details.get(one.name)));
      const news = await Promise.all(wanted.map(({ name }) => detail(name)));
      setComparisons(await compared());
      setList(found);
      setDetails(new Map([...details].filter(([name]) => found.runs.some((one) => one.name === name)).concat(news.map((one) => [one.name, one]))));
      setError("");
    } catch (problem) {
      setError((problem as Error).message);
    }
  };
  const again = usePolling("runs", SECONDS, look);
  const open = (name: string) => {
    setOpened(name);
    setPlotted(new Set(plotted).add(name));
    setTimeout(again);
  };
  const plot = (name: string, isOn: boolean) => {
    const next = new Set(plotted);
    if (isOn) next.add(name);
    else next.delete(name);
    setPlotted(next);
    setTimeout(again);
  };

  if (!list) return error ? <Problem text={error} /> : <p>Looking for trainings …</p>;
  const current = details.get(opened);
  const curves = [...plotted].flatMap((name) => details.get(name) ?? []);
  return (
    <>
      <Problem text={error} />
      {list.folder === null ? <p>{list.refusal}</p> : <p>Trainings in the folder {list.folder}.</p>}
      {list.note && <p class="note">{list.note}</p>}
      {list.folder !== null && (list.refusal ? <p class="note">{list.refusal}</p> : <Start pictures={list.pictures} onStart={open} />)}
      {list.folder !== null && list.runs.length === 0 && <p>There is no training in it yet.</p>}
      <ul class="runs">
        {list.runs.map((one) => (
          <li key={one.name}>
            <input type="checkbox" aria-label={`Plot ${one.name}`} checked={plotted.has(one.name)} onChange={(event) => plot(one.name, event.currentTarget.checked)} />
            <button type="button" aria-pressed={one.name === opened} onClick={() => open(one.name)}>{one.name}</button>
            <strong class={one.state}>{one.state}</strong>
            {one.state === "running" && one.steps !== null && <progress aria-label={`Progress of ${one.name}`} max={one.steps} value={one.step ?? 0} />}
            <span class="note">{described(one)}</span>
          </li>
        ))}
      </ul>
      {curves.length > 0 && <Curves runs={curves} />}
      {current && <Run key={current.name} run={current} refusal={list.refusal} onChange={again} />}
      {comparisons.length > 0 && <Comparisons found={comparisons} />}
    </>
  );
}

/** The form, made when it is opened. */
function Start({ pictures, onStart }: { readonly pictures: readonly string[]; readonly onStart: (name: string) => void }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Start a training</summary>
      {isOpen && <Form pictures={pictures} onStart={(name) => (setOpen(false), onStart(name))} />}
    </details>
  );
}

function Comparisons({ found }: { readonly found: readonly Comparison[] }) {
  return (
    <>
      <h2>Comparisons</h2>
      <ul>
        {found.map((one) => (
          <li>
            {one.has_page ? <a href={pageUrl(one.name)} target="_blank" rel="noreferrer">{one.name}</a> : `${one.name} (no page yet)`}{" "}
            <span class="note">{[one.task, one.minutes !== null && `${one.minutes} minutes a run`, one.steps !== null && `${one.steps} steps a run`, `${one.runs.length} runs`, one.problem].filter(Boolean).join(", ")}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Return whether a run has changed, or may change, since its details were asked for. */
function isOld(now: Summary, before: Detail | undefined): boolean {
  return !before || now.state === "running" || now.state !== before.state || now.step !== before.step || now.problems.join() !== before.problems.join();
}

/** Return what a run is, in a line. */
function described(run: Summary): string {
  const [metric] = run.metrics;
  const parts = [
    [run.task, run.network].filter(Boolean).join(", "),
    run.step !== null && `step ${run.step}${run.steps === null ? "" : ` of ${run.steps}`}`,
    metric && `${metric.metric} ${typeof metric.value === "number" ? short(metric.value) : metric.value}`,
    run.checkerboard !== null && `checkerboard ${short(run.checkerboard)} dB`,
    ...run.problems,
  ];
  return parts.filter(Boolean).join(" · ");
}
