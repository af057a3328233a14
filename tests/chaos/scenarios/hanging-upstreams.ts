import type { Scenario } from "../scenario.ts";

const HANGING = 150;
/** Less than those that hang are given: whoever is stuck behind them is not done by then. */
const BESIDE_LIMIT_MS = 90_000;

export const hangingUpstreams: Scenario = {
  name: "hanging upstreams",
  fault: `${HANGING} requests of steps to a server that does not answer, more than the worker has room for executions`,
  seen: "Executions of others go on beside them; those that hang end at the time-out of their step.",
  isShort: false,
  async inflict(world) {
    const config = { method: "GET", url: `${world.upstream.otherOrigin}/hang`, timeout_seconds: 120 };
    const id = await world.workflow("hangs", [{ name: "hang", type: "http_request", config }]);
    const ids: number[] = [];
    // One after the other: each that waits for its answer holds a connection, which the service keeps for a minute.
    for (let n = 0; n < HANGING; n++) ids.push((await world.execute(id)).body.execution_id);
    // The others meanwhile.
    const beside = await world.load
      .run(world.workId, "beside-", 20)
      .then(() => world.workEnded("beside-", BESIDE_LIMIT_MS));
    world.upstream.letGo();
    const letting = setInterval(() => world.upstream.letGo(), 50);
    for (const execution of ids) await world.ended(execution);
    clearInterval(letting);
    if (!beside) throw new Error(`others did not go on within ${BESIDE_LIMIT_MS / 1_000} s beside requests that hang`);
    return 0;
  },
};
