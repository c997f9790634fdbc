import type { NumberArray } from "./arrays";

/** A number as it is printed: at most four digits after the point. */
export function shown(value: number): string {
  if (Number.isNaN(value)) return "·";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const rounded = Math.abs(value) >= 1e5 || (value !== 0 && Math.abs(value) < 1e-4) ? value.toExponential(1) : String(Math.round(value * 1e4) / 1e4);
  return rounded.replace("-", "−");
}

/** Grids with more columns may scroll, so that the keyboard must reach them. */
const NARROW = 4;

export interface GridProps {
  readonly title: string;
  readonly array: NumberArray;
  /** The names of the axes before rows and columns. */
  readonly axes?: readonly string[];
  /** The places of the cells that are read or written. */
  readonly marked?: ReadonlySet<number>;
  readonly kind?: "read" | "written" | "operand";
  /** The places of the cells that have a value already; missing: all. */
  readonly known?: ReadonlySet<number>;
  readonly onChange?: (place: number, value: number) => void;
}

/** An array as grids of numbers, one for each pair of rows and columns. */
export function Grid({ title, array, axes = [], ...cells }: GridProps) {
  const [height, width] = [array.shape.at(-2) ?? 1, array.shape.at(-1) ?? 1];
  const leading = array.shape.slice(0, -2);
  const planes = Array.from({ length: array.data.length / (height * width || 1) }, (_, plane) => plane);
  return (
    <div class="planes">
      {planes.map((plane) => {
        const name = [title, ...places(plane, leading, axes)].join(", ");
        return (
          <table class={`grid ${cells.kind ?? "operand"}`} aria-label={name} {...(width > NARROW ? { tabIndex: 0 } : {})}>
            <caption>{name}</caption>
            <tbody>
              {Array.from({ length: height }, (_, y) => (
                <tr>
                  {Array.from({ length: width }, (_, x) => (
                    <Cell place={(plane * height + y) * width + x} name={`${name}, row ${y}, column ${x}`} array={array} {...cells} />
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        );
      })}
    </div>
  );
}

/** The position of a plane on each axis that is longer than 1, such as "channel 2". */
function places(plane: number, leading: readonly number[], axes: readonly string[]): string[] {
  let rest = plane;
  const found: string[] = [];
  for (let axis = leading.length - 1; axis >= 0; axis--) {
    const length = leading[axis] ?? 1;
    if (length > 1) found.unshift(`${axes[axes.length - leading.length + axis] ?? "plane"} ${rest % length}`);
    rest = Math.floor(rest / length);
  }
  return found;
}

interface CellProps extends Omit<GridProps, "title" | "axes"> {
  readonly place: number;
  readonly name: string;
}

function Cell({ place, name, array, marked, known, onChange }: CellProps) {
  const value = array.data[place] ?? NaN;
  const style = [marked?.has(place) ? "marked" : "", known && !known.has(place) ? "unknown" : ""].join(" ").trim();
  if (!onChange) return <td class={style}>{shown(value)}</td>;
  return (
    <td class={style}>
      <input
        type="number"
        step="any"
        aria-label={name}
        value={Number.isFinite(value) ? Math.round(value * 1e4) / 1e4 : ""}
        onChange={(event) => {
          const given = event.currentTarget.valueAsNumber;
          if (Number.isFinite(given)) onChange(place, given);
          else event.currentTarget.value = String(value);
        }}
      />
    </td>
  );
}
