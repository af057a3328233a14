import type { Probe } from "../runtime/index.ts";
import type { RunPorts } from "./ports.ts";

/** Passes the named points around each effect; the crash tests end the process there. */
export function probedInvoke(invoke: RunPorts["invoke"], probe: Probe | undefined): RunPorts["invoke"] {
  if (!probe) return invoke;
  const effect: RunPorts["invoke"] = async (type, config, context) => {
    probe("effect.before");
    const output = await invoke(type, config, context);
    probe("effect.after");
    return output;
  };
  return (type, ...rest) => (type.effect === "none" ? invoke : effect)(type, ...rest);
}
