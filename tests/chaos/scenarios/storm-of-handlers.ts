import type { Scenario } from "../scenario.ts";

const FAILURES = 10;
const HANDLERS = 3;

export const stormOfHandlers: Scenario = {
  name: "storm of handlers",
  fault: `${HANDLERS} failure handlers that fail themselves, and ${FAILURES} failures`,
  seen: "Each failure starts each handler once; a failure of a handler starts none.",
  isShort: false,
  async inflict(world) {
    const boom = {
      name: "boom",
      type: "http_request",
      config: { method: "GET", url: `${world.upstream.origin}/fail` },
    };
    const handlers: number[] = [];
    for (let n = 0; n < HANDLERS; n++) {
      const trigger_config = { type: "event", event_type: "workflow.failed" };
      handlers.push(
        await world.workflow(`handler ${n}`, [{ ...boom, retry: { max_attempts: 1 } }], { trigger_config }),
      );
    }
    const fails = await world.workflow("fails", [{ ...boom, retry: { max_attempts: 1 } }]);
    for (let n = 0; n < FAILURES; n++) await world.ended((await world.execute(fails)).body.execution_id);
    await world.settled();
    for (const handler of handlers) {
      const runs = await world.countOf(handler);
      if (runs !== FAILURES) throw new Error(`${FAILURES} failures started a handler ${runs} times`);
    }
    return 0;
  },
};
