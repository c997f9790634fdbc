import { useEffect, useState } from "preact/hooks";
import { Problem } from "../Problem";
import { networks as listed, start, trainingForm, type Schema, type TrainingForm } from "./api";
import { Fields, typed, type Values } from "./fields";

const MORE: Schema = {
  properties: {
    steps: { type: "integer", description: "training steps, instead of minutes" },
    holdout: { type: "integer", description: "number of pictures to hold out for validation", default: "a tenth" },
    validations: { type: "integer", description: "number of validations, each with a point of the curves and a sample sheet", default: "up to 12" },
    audit_above: { type: "number", description: "checkerboard score in dB that is warned of; empty: it is not measured" },
    patch_size: { type: "integer", description: "height and width of patches" },
    batch_size: { type: "integer", description: "patches per step" },
    lr: { type: "number", description: "the highest learning rate" },
    seed: { type: "integer", description: "random seed", default: 0 },
    init_from: { type: "string", description: "initial weights: a bundled model, or a run of this folder" },
    classical: { type: "boolean", description: "compare with the best classical filter, which may take minutes", default: true },
  },
};

export interface FormProps {
  /** Folders of pictures to propose. */
  readonly pictures: readonly string[];
  readonly onStart: (name: string) => void;
}

/** A form that starts a training. */
export function Form({ pictures, onStart }: FormProps) {
  const [known, setKnown] = useState<TrainingForm | null>(null);
  const [networks, setNetworks] = useState<Readonly<Record<string, Schema>> | null>(null);
  const [task, setTask] = useState("denoise");
  const [network, setNetwork] = useState("");
  const [[ofTask, ofNetwork, more], setValues] = useState<readonly [Values, Values, Values]>([{}, {}, { audit_above: "10" }]);
  const [error, setError] = useState("");
  const failed = (problem: Error) => setError(problem.message);

  useEffect(() => {
    trainingForm().then(setKnown, failed);
  }, []);
  if (!known) return error ? <Problem text={error} /> : <p>Loading …</p>;
  const suited = known.suited[task] ?? "";
  const settings = known.tasks[task] ?? {};
  const networkSettings = networks?.[network || suited] ?? {};

  const send = async (form: HTMLFormElement) => {
    setError("");
    const asked = new FormData(form);
    const name = String(asked.get("name")).trim();
    const others = typed(MORE, more);
    try {
      await start({
        name,
        task,
        folder: String(asked.get("folder")).trim(),
        ...(network && { network }),
        ...(!("steps" in others) && { minutes: Number(asked.get("minutes")) }),
        ...others,
        settings: typed(settings, ofTask),
        network_settings: typed(networkSettings, ofNetwork),
      });
      onStart(name);
    } catch (problem) {
      failed(problem as Error);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void send(event.currentTarget);
      }}
    >
      <div class="settings">
        <label>
          Task
          <select value={task} onChange={(event) => (setTask(event.currentTarget.value), setValues([{}, {}, more]))}>
            {Object.keys(known.tasks).map((one) => <option value={one}>{one}</option>)}
          </select>
        </label>
        <label>
          Folder of pictures
          <input type="text" name="folder" required list="picture-folders" defaultValue={pictures[0] ?? ""} />
        </label>
        <datalist id="picture-folders">{pictures.map((one) => <option value={one} />)}</datalist>
        <label>New folder for the run<input type="text" name="name" required placeholder="runs/first" /></label>
        <label>Minutes<input type="number" name="minutes" min={0.1} step="any" defaultValue="10" /></label>
        <label>
          Network
          <select value={network} onChange={(event) => (setNetwork(event.currentTarget.value), setValues([ofTask, {}, more]))}>
            <option value="">suits the task: {suited}</option>
            {known.networks.map((one) => <option value={one}>{one}</option>)}
          </select>
        </label>
      </div>
      <p class="note">{known.summaries[task]}</p>
      <details>
        <summary>Settings of the task {task}</summary>
        <Fields schema={settings} values={ofTask} onChange={(values) => setValues([values, ofNetwork, more])} />
      </details>
      <details onToggle={(event) => event.currentTarget.open && !networks && listed().then(setNetworks, failed)}>
        <summary>Settings of the network {network || suited}</summary>
        {!networks && <p>Loading …</p>}
        <Fields schema={networkSettings} values={ofNetwork} onChange={(values) => setValues([ofTask, values, more])} />
      </details>
      <details>
        <summary>More settings</summary>
        <Fields schema={MORE} values={more} onChange={(values) => setValues([ofTask, ofNetwork, values])} />
      </details>
      <Problem text={error} />
      <p><button class="main">Start the training</button></p>
      <p class="note">The training goes on when this page is closed or the studio ends. To stop it, open the studio again.</p>
    </form>
  );
}
