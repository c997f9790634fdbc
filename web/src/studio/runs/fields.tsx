import type { Schema } from "./api";

export type Values = Readonly<Record<string, string>>;

export interface FieldsProps {
  readonly schema: Schema;
  readonly values: Values;
  readonly onChange: (values: Values) => void;
}

/** Fields of settings, made from their JSON Schema; an empty one is the default. */
export function Fields({ schema, values, onChange }: FieldsProps) {
  return (
    <div class="fields">
      {Object.entries(schema.properties ?? {}).map(([name, one]) => {
        const choices = one.enum ?? (one.type === "boolean" ? ["true", "false"] : null);
        const value = values[name] ?? "";
        const change = (text: string) => onChange({ ...values, [name]: text });
        return (
          <label>
            {name}
            {choices ? (
              <select value={value} onChange={(event) => change(event.currentTarget.value)}>
                <option value="">default: {worded(one.default)}</option>
                {choices.map((choice) => <option value={choice}>{choice}</option>)}
              </select>
            ) : (
              <input type="text" value={value} placeholder={worded(one.default)} onInput={(event) => change(event.currentTarget.value)} />
            )}
            <span class="note">{one.description}</span>
          </label>
        );
      })}
    </div>
  );
}

/** Return the values that are not empty, with the types of the schema; what does not fit stays text, so that the server says why. */
export function typed(schema: Schema, values: Values): Record<string, unknown> {
  const given = Object.entries(values).filter(([name, text]) => text.trim() && schema.properties?.[name]);
  return Object.fromEntries(given.map(([name, text]) => [name, parsed(schema.properties?.[name] ?? {}, text.trim())]));
}

function parsed(schema: Schema, text: string): unknown {
  const inner = schema.anyOf?.[0] ?? schema;
  if (schema.anyOf && text === "none") return text;
  if (inner.type === "boolean") return text === "true";
  if (inner.type === "array") {
    const parts = inner.items?.type === "string" ? text.split(";") : text.split(/[\s,;]+/);
    return parts.filter(Boolean).map((part) => parsed(inner.items ?? {}, part.trim()));
  }
  const number = Number(text);
  return (inner.type === "number" || inner.type === "integer") && !Number.isNaN(number) ? number : text;
}

function worded(value: unknown): string {
  if (Array.isArray(value)) return value.length ? value.join(", ") : "none";
  return value === undefined ? "" : String(value);
}
