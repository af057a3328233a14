import type { Scenario } from "../scenario.ts";

const LIMIT = 500;

export const forkBomb: Scenario = {
  name: "fork bomb",
  fault: `a workflow that starts ten of itself, with DESCENDANT_LIMIT=${LIMIT}`,
  seen: "The steps beyond the limit fail by name; no more than the limit is ever stored.",
  isShort: true,
  service: { env: { DESCENDANT_LIMIT: String(LIMIT) } },
  async inflict(world) {
    const id = await world.workflow("bomb", [{ name: "none", type: "log", config: { message: "x" } }]);
    const again = {
      type: "workflow",
      config: { workflow_id: id },
      for_each: { items: "{{[1..10]}}", concurrency: 10 },
    };
    const { status, body } = await world.ask("PUT", `/api/v1/workflows/${id}`, {
      workflow_config: { steps: [{ name: "again", ...again }] },
    });
    if (status !== 200) throw new Error(JSON.stringify(body));
    const root = (await world.execute(id)).body.execution_id;
    await world.ended(root);
    const made = await world.countOf(id);
    if (made > LIMIT + 1) throw new Error(`one start led to ${made} executions`);
    return 0;
  },
};
