import type { Scenario } from "../scenario.ts";
import { backendsTerminated } from "./backends-terminated.ts";
import { clockAhead } from "./clock-ahead.ts";
import { clockBack } from "./clock-back.ts";
import { clockSlewed } from "./clock-slewed.ts";
import { diskFull } from "./disk-full.ts";
import { forkBomb } from "./fork-bomb.ts";
import { fuzzedPorts } from "./fuzzed-ports.ts";
import { hangingUpstreams } from "./hanging-upstreams.ts";
import { postgresCutOff } from "./postgres-cut-off.ts";
import { postgresKilled } from "./postgres-killed.ts";
import { postgresOutOfConnections } from "./postgres-out-of-connections.ts";
import { postgresReadOnly } from "./postgres-read-only.ts";
import { postgresRestarted } from "./postgres-restarted.ts";
import { postgresSlow } from "./postgres-slow.ts";
import { postgresStopped } from "./postgres-stopped.ts";
import { postgresStoppedImmediately } from "./postgres-stopped-immediately.ts";
import { postgresUnreachable } from "./postgres-unreachable.ts";
import { redisAbsent } from "./redis-absent.ts";
import { redisFlushed } from "./redis-flushed.ts";
import { redisFrozen } from "./redis-frozen.ts";
import { redisKilled } from "./redis-killed.ts";
import { serviceFrozen } from "./service-frozen.ts";
import { serviceKilled } from "./service-killed.ts";
import { serviceStopped } from "./service-stopped.ts";
import { smallHeap } from "./small-heap.ts";
import { stormOfHandlers } from "./storm-of-handlers.ts";
import { tablesLocked } from "./tables-locked.ts";

/** What one service survives, in the order of the table. */
export const serviceScenarios: readonly Scenario[] = [
  serviceKilled,
  serviceFrozen,
  serviceStopped,
  postgresKilled,
  postgresStopped,
  postgresStoppedImmediately,
  postgresRestarted,
  backendsTerminated,
  tablesLocked,
  postgresReadOnly,
  postgresOutOfConnections,
  postgresSlow,
  postgresUnreachable,
  postgresCutOff,
  redisKilled,
  redisFlushed,
  redisFrozen,
  redisAbsent,
  clockBack,
  clockAhead,
  clockSlewed,
  diskFull,
  smallHeap,
  forkBomb,
  hangingUpstreams,
  stormOfHandlers,
  fuzzedPorts,
];
