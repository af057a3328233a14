import type { Scenario } from "../scenario.ts";

const EXECUTIONS = 8;
const ANSWERS = 6;

export const smallHeap: Scenario = {
  name: "small heap",
  fault: `a heap of 512 MB, and ${EXECUTIONS} executions of ${ANSWERS} answers of 9.5 MB each`,
  seen: "Executions wait for memory, or fail by name; others go on. The process stays.",
  isShort: false,
  service: { nodeArgs: ["--max-old-space-size=512"] },
  async inflict(world) {
    const steps = Array.from({ length: ANSWERS }, (_, n) => ({
      name: `large${n}`,
      type: "http_request",
      depends_on: [],
      config: { method: "GET", url: `${world.upstream.origin}/large/${n}` },
    }));
    const id = await world.workflow("large", steps);
    const ids: number[] = [];
    for (let n = 0; n < EXECUTIONS; n++) ids.push((await world.execute(id)).body.execution_id);
    for (const execution of ids) await world.ended(execution);
    return 0;
  },
};
