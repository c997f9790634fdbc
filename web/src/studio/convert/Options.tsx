import type { Model, Settings } from "../api";

export interface OptionsProps {
  readonly models: readonly Model[];
  readonly settings: Settings;
  readonly isLossy: boolean;
  readonly onChange: (settings: Settings) => void;
}

export const hasPerception = (model: Model | undefined) => model?.side_inputs.some(({ kind }) => kind === "perception-map") ?? false;

const canChoose = (model: Model | undefined) => model?.side_inputs.some(({ kind, chosen }) => kind === "perception-map" && chosen) ?? false;

/** The settings of a conversion, as far as the model has them. */
export function Options({ models, settings, isLossy, onChange }: OptionsProps) {
  const { model, strength = 1, keepColors = false, quality = null, perception = 0, map } = settings;
  const chosen = models.find(({ name }) => name === model);
  const choose = (name: string) => {
    const next = models.find((one) => one.name === name);
    onChange({ ...settings, model: name, keepColors: keepColors && !!next?.keep_colors, ...(hasPerception(next) && (canChoose(next) || settings.perception !== "auto") ? {} : { perception: undefined, map: null }) });
  };
  return (
    <>
      <label>
        Model
        <select value={model} onChange={(event) => choose(event.currentTarget.value)}>
          {models.map((one) => <option value={one.name}>{one.name}</option>)}
        </select>
      </label>
      <label>
        Strength {strength.toFixed(2)}
        <input type="range" min={0} max={1} step={0.05} value={strength} onInput={(event) => onChange({ ...settings, strength: event.currentTarget.valueAsNumber })} />
      </label>
      {canChoose(chosen) && !map && (
        <label class="check">
          <input type="checkbox" checked={perception === "auto"} onChange={(event) => onChange({ ...settings, perception: event.currentTarget.checked ? "auto" : undefined })} />
          The model chooses where to add detail
        </label>
      )}
      {hasPerception(chosen) && !map && perception !== "auto" && (
        <label>
          Fidelity 0 – detail 1: {perception.toFixed(2)}
          <input type="range" min={0} max={1} step={0.05} value={perception} onInput={(event) => onChange({ ...settings, perception: event.currentTarget.valueAsNumber })} />
        </label>
      )}
      {isLossy && (
        <label>
          Quality
          <input
            type="number" min={1} max={100} placeholder="90" value={quality ?? ""}
            onInput={(event) => onChange({ ...settings, quality: event.currentTarget.validity.valid ? event.currentTarget.valueAsNumber || null : null })}
          />
        </label>
      )}
      {chosen?.keep_colors && (
        <label class="check">
          <input type="checkbox" checked={keepColors} onChange={(event) => onChange({ ...settings, keepColors: event.currentTarget.checked })} />
          Keep the colors
        </label>
      )}
    </>
  );
}
