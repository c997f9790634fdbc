import { useEffect, useRef, useState } from "preact/hooks";
import { answered, remove, resultUrl, watch, type Job } from "../api";
import { Drop } from "../Drop";
import { partUrl } from "../measure/api";
import { Problem } from "../Problem";
import { audit, type Audit } from "./api";

/** The audit of a model file: its verdict, its layers, and the page to save. */
export function AuditModel() {
  const [job, setJob] = useState<Job | null>(null);
  const [found, setFound] = useState<Audit | null>(null);
  const [error, setError] = useState("");
  const stop = useRef(() => {});
  useEffect(() => () => stop.current(), []);

  const fail = (problem: Error) => setError(problem.message);
  const changed = (now: Job) => {
    setJob(now);
    if (now.state === "done") answered(fetch(resultUrl(now.id))).then((answer) => answer.json()).then(setFound, fail);
  };
  const start = (file: File) => {
    stop.current();
    if (job) void remove(job.id).catch(() => undefined);
    setJob(null);
    setFound(null);
    setError("");
    audit(file).then((made) => {
      setJob(made);
      stop.current = watch(made.id, changed, setError);
    }, fail);
  };
  const isRunning = job?.state === "waiting" || job?.state === "running";
  return (
    <>
      <h2>Audit of a model</h2>
      <p>Find the checkerboards of a model: predicted from its weights, and measured on its results.</p>
      <Drop label="ONNX file" text="Drop or choose an ONNX file." showsName onFiles={([file]) => file && start(file)} />
      <Problem text={error} />
      {isRunning && (
        <p aria-live="polite">
          {job.state === "waiting" ? "Waiting for the jobs before it" : "Auditing"} <progress aria-label="Progress" />{" "}
          <button type="button" onClick={() => void remove(job.id)}>Cancel</button>
        </p>
      )}
      <Problem text={job?.state === "failed" ? job.error : ""} />
      {job?.state === "canceled" && <p>Canceled.</p>}
      {job?.state === "done" && found && (
        <article aria-label="Audit">
          <p class="verdict">{found.verdict}</p>
          {job.notes.map((note) => <p class="note">{note}</p>)}
          {found.layers.length > 0 && (
            <div class="scroll" tabIndex={0} role="group" aria-label="Layers">
              <table class="values">
                <caption>Layers</caption>
                <thead><tr><th scope="col">Layer</th><th scope="col">Even</th><th scope="col">Spread</th><th scope="col">Predicted, dB</th><th scope="col">Measured, dB</th></tr></thead>
                <tbody>
                  {found.layers.map((one) => (
                    <tr>
                      <th scope="row">{one.layer}</th>
                      <td>{one.even === null ? "?" : one.even ? "yes" : "no"}</td>
                      <td>{one.spread?.toPrecision(2) ?? ""}</td>
                      <td>{one.predicted?.score.toFixed(1) ?? ""}</td>
                      <td>{one.measured?.score.toFixed(1) ?? ""}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
          <p>
            {job.notes.length === 0 && <><a href={partUrl(job.id, "page.html")} download>Save as a page</a> · </>}
            <a href={resultUrl(job.id)} download={job.name}>Save as JSON</a>
          </p>
        </article>
      )}
    </>
  );
}
