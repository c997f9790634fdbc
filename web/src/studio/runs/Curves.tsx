import { useState } from "preact/hooks";
import type { Detail } from "./api";
import { Chart } from "./Chart";

const AXES = { step: "step", seconds: "seconds of training" } as const;
type Axis = keyof typeof AXES;

/** A curve of each run, for one column of their tables. */
export function Curves({ runs }: { readonly runs: readonly Detail[] }) {
  const columns = [...new Set(runs.flatMap((run) => Object.keys(run.curves)))].filter((name) => !(name in AXES));
  const [wanted, setWanted] = useState("loss");
  const [axis, setAxis] = useState<Axis>("step");
  const [log, setLog] = useState(false);
  const column = columns.includes(wanted) ? wanted : columns[0];
  if (column === undefined) return <p>No validation yet; the curves begin with the first one.</p>;
  const series = runs.map((run) => ({ name: run.name, points: points(run, axis, column) }));
  return (
    <>
      <div class="settings">
        <label>
          Curve
          <select value={column} onChange={(event) => setWanted(event.currentTarget.value)}>
            {columns.map((name) => <option value={name}>{name}</option>)}
          </select>
        </label>
        <label>
          Over
          <select value={axis} onChange={(event) => setAxis(event.currentTarget.value as Axis)}>
            {Object.entries(AXES).map(([name, text]) => <option value={name}>{text}</option>)}
          </select>
        </label>
        <button type="button" aria-pressed={log} onClick={() => setLog(!log)}>Logarithmic</button>
      </div>
      <Chart series={series} across={AXES[axis]} up={column} log={log} />
      <details>
        <summary>Values as a table</summary>
        <div class="scroll" tabIndex={0} role="group" aria-label="Values">
          <table>
            <thead><tr><th scope="col">run</th><th scope="col">{AXES[axis]}</th><th scope="col">{column}</th></tr></thead>
            <tbody>{series.flatMap(({ name, points }) => points.map(([at, value]) => <tr><td>{name}</td><td>{at}</td><td>{value}</td></tr>))}</tbody>
          </table>
        </div>
      </details>
    </>
  );
}

/** Return the finite values of a column with their place. */
function points(run: Detail, axis: Axis, column: string): [number, number][] {
  const values = run.curves[column] ?? [];
  return (run.curves[axis] ?? []).flatMap((at, row) => {
    const value = values[row];
    return at === null || value === null || value === undefined ? [] : [[at, value] as [number, number]];
  });
}
