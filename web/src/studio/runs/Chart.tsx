import { useRef, useState } from "preact/hooks";
import { scale, short } from "./scale";

export interface Series {
  readonly name: string;
  /** Values with their place, in order of the place. */
  readonly points: readonly (readonly [number, number])[];
}

export interface ChartProps {
  readonly series: readonly Series[];
  readonly across: string;
  readonly up: string;
  readonly log: boolean;
}

const WIDTH = 760, HEIGHT = 340, LEFT = 66, RIGHT = 14, TOP = 14, BOTTOM = 44;
export const STYLES = 6;
const DASHES = ["", "7 3", "2 3", "10 3 2 3", "5 5", "1 4"];
/** A sign at each value, so that curves differ without their colors. */
const SIGNS = ["M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0", "M-4-4H4V4H-4Z", "M0-5L5 4H-5Z", "M0-5L5 0L0 5L-5 0Z", "M-4-4L4 4M-4 4L4-4", "M0-5V5M-5 0H5"];

/** Curves over a common axis; the pointer or the arrow keys show the values at a place. */
export function Chart({ series, across, up, log }: ChartProps) {
  const [place, setPlace] = useState<number | null>(null);
  const svg = useRef<SVGSVGElement>(null);
  const shown = series.map((one) => ({ ...one, points: log ? one.points.filter(([, y]) => y > 0) : one.points }));
  const all = shown.flatMap((one) => one.points);
  const left = series.reduce((sum, one) => sum + one.points.length, 0) - all.length;
  if (all.length === 0) return <p>{left > 0 ? "No value is above 0; choose the linear axis." : "There is no value of this yet."}</p>;
  const x = scale([0, ...all.map(([at]) => at)], LEFT, WIDTH - RIGHT, false);
  const y = scale(all.map(([, value]) => value), HEIGHT - BOTTOM, TOP + 6, log);
  const places = [...new Set(all.map(([at]) => at))].sort((a, b) => a - b);
  const move = (by: number) => {
    const now = place === null ? (by > 0 ? -1 : places.length) : places.indexOf(nearest(places, place));
    setPlace(places[Math.min(places.length - 1, Math.max(0, now + by))] ?? null);
  };
  const point = (event: PointerEvent) => {
    const box = svg.current?.getBoundingClientRect();
    if (!box) return;
    const at = ((event.clientX - box.left) / box.width) * WIDTH;
    setPlace(places.reduce((best, one) => (Math.abs(x.at(one) - at) < Math.abs(x.at(best) - at) ? one : best)));
  };
  const chosen = place === null ? null : nearest(places, place);
  return (
    <figure class="chart">
      <svg
        ref={svg}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        tabindex={0}
        aria-label={`${up} over ${across}, ${series.map((one) => one.name).join(", ")}. Arrow keys show values.`}
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={(event) => event.pointerType === "mouse" && setPlace(null)}
        onKeyDown={(event) => {
          const by = { ArrowLeft: -1, ArrowRight: 1, Home: -places.length, End: places.length }[event.key];
          if (by === undefined) return;
          event.preventDefault();
          move(by);
        }}
      >
        {y.ticks.map((value) => (
          <g>
            <path class="grid" d={`M${LEFT} ${y.at(value)}H${WIDTH - RIGHT}`} />
            <text x={LEFT - 8} y={y.at(value) + 4} text-anchor="end">{short(value)}</text>
          </g>
        ))}
        {x.ticks.map((value) => <text x={x.at(value)} y={HEIGHT - BOTTOM + 20} text-anchor="middle">{short(value)}</text>)}
        <text x={(LEFT + WIDTH) / 2} y={HEIGHT - 6} text-anchor="middle">{across}</text>
        {chosen !== null && <path class="place" d={`M${x.at(chosen)} ${TOP}V${HEIGHT - BOTTOM}`} />}
        {shown.map(({ points }, number) => (
          <g class={`series-${number % STYLES}`}>
            <polyline points={points.map(([at, value]) => `${x.at(at)},${y.at(value)}`).join(" ")} stroke-dasharray={DASHES[number % STYLES]} />
            {points.length <= 60 && points.map(([at, value]) => <path d={SIGNS[number % STYLES]} transform={`translate(${x.at(at)} ${y.at(value)})`} />)}
          </g>
        ))}
      </svg>
      <figcaption aria-live="polite">
        {chosen === null ? `${up} over ${across}` : `${across} ${short(chosen)}`}
        <ul class="legend">
          {shown.map(({ name, points }, number) => (
            <li>
              <svg class={`sign series-${number % STYLES}`} viewBox="-14 -7 28 14" aria-hidden="true">
                <path class="line" d="M-14 0H14" stroke-dasharray={DASHES[number % STYLES]} />
                <path d={SIGNS[number % STYLES]} />
              </svg>
              {name}{chosen !== null && `: ${valueAt(points, chosen)}`}
            </li>
          ))}
        </ul>
        {left > 0 && <span>{left} values of 0 or below have no place on a logarithmic axis. </span>}
      </figcaption>
    </figure>
  );
}

const nearest = (places: readonly number[], place: number) =>
  places.reduce((best, one) => (Math.abs(one - place) < Math.abs(best - place) ? one : best), places[0] ?? 0);

/** Return the value at a place, or the last one before it. */
function valueAt(points: Series["points"], place: number): string {
  const [at, value] = points.filter(([one]) => one <= place).at(-1) ?? [];
  if (at === undefined || value === undefined) return "none yet";
  return at === place ? short(value) : `${short(value)} (at ${short(at)})`;
}
