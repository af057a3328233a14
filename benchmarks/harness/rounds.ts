import type { BenchmarkServer } from "./postgres-server.ts";
import type { OpenScenario, Scenario, Values } from "./scenario.ts";

/** The values of each round, in order. */
export type Measured = ReadonlyMap<Scenario, readonly Values[]>;

export interface RoundsOptions {
  readonly rounds: number;
  /** After this no further round begins. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
  progress(line: string): void;
}

/** A B C, A B C, …: what else happens on the machine falls on all of them. */
export async function measureInRounds(
  scenarios: readonly Scenario[],
  server: BenchmarkServer,
  { rounds, limitMs, signal, progress }: RoundsOptions,
): Promise<Measured> {
  const measured = new Map<Scenario, Values[]>();
  const opened = new Map<Scenario, OpenScenario>();
  const startedAt = performance.now();
  try {
    for (const scenario of scenarios) {
      const open = await scenario.open(server);
      if (!open) continue;
      opened.set(scenario, open);
      measured.set(scenario, []);
    }
    for (let round = 1; round <= rounds && performance.now() - startedAt < limitMs; round++) {
      for (const [scenario, { measure }] of opened) {
        signal.throwIfAborted();
        const values = await measure();
        measured.get(scenario)?.push(values);
        progress(`round ${round}/${rounds} ${scenario.name}: ${JSON.stringify(values)}`);
      }
    }
    return measured;
  } finally {
    for (const { close } of opened.values()) await close();
  }
}
