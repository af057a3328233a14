import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { endingEvents, type JsonObject } from "../engine/index.ts";
import { TENANT } from "./support/engine.ts";
import { type Received, type Reply, type TestParticipant, testParticipant } from "./support/participant.ts";
import { type TestSagas, testSagas } from "./support/sagas.ts";

/** SAGA_LEDGER=1000 for the long run. */
const SAGAS = Number(process.env.SAGA_LEDGER ?? 100);
const CUSTOMERS = 10;
const OPENING = 1_000_000;
/** Of ten, so many payments are refused at the last step. */
const REFUSED_OF_TEN = 3;
const SLOW_MS = 15;

/** What is answered at all is answered sooner, also by a busy machine. */
const TIMEOUT_SECONDS = 2;

const retry = { max_attempts: 25, initial_seconds: 0.01, max_seconds: 0.1 };
const step = (name: string, service: string, command: string, undo: string) => ({
  name,
  service,
  command,
  timeout_seconds: TIMEOUT_SECONDS,
  retry,
  compensation: {
    command: undo,
    when: "attempted",
    timeout_seconds: TIMEOUT_SECONDS,
    retry: { ...retry, max_attempts: 100 },
  },
});

/** What a participant keeps: what it has done for each saga, and that it will not do it again. */
class Ledger {
  readonly accounts = new Map<string, number>();
  private readonly done = new Set<string>();
  private readonly undone = new Set<string>();

  move(from: string, to: string, amount: number): void {
    this.accounts.set(from, (this.accounts.get(from) ?? 0) - amount);
    this.accounts.set(to, (this.accounts.get(to) ?? 0) + amount);
  }

  /** Once for each key; never after it was undone. */
  carryOut(key: string, work: () => void): void {
    if (this.done.has(key) || this.undone.has(key)) return;
    this.done.add(key);
    work();
  }

  undo(key: string, work: () => void): void {
    if (!this.undone.has(key) && this.done.has(key)) work();
    this.undone.add(key);
  }

  total(): number {
    return [...this.accounts.values()].reduce((sum, amount) => sum + amount, 0);
  }
}

/** The same numbers for the same seed, in [0, 1): a linear congruential generator. */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("concurrent sagas over participants that fail in every way", { timeout: 300_000 }, () => {
  const bank = new Ledger();
  const stock = new Ledger();
  const seed = Date.now() % 2 ** 31;
  const random = uniform(seed);
  let draws = 0;
  let flaws = 0;
  const participants: TestParticipant[] = [];
  let s: TestSagas;

  before(async () => {
    for (let n = 0; n < CUSTOMERS; n++) bank.accounts.set(`customer-${n}`, OPENING);
    stock.accounts.set("shelf", SAGAS);
    participants.push(await flaky(payment), await flaky(shelves));
    s = await testSagas({ bank: participants[0]!.url, stock: participants[1]!.url }, { concurrency: 200 });
    const steps = [
      step("hold", "bank", "hold", "release"),
      step("reserve", "stock", "reserve", "put_back"),
      step("fee", "bank", "fee", "return_fee"),
      step("capture", "bank", "capture", "give_back"),
    ];
    await s.sagas.types.register(TENANT, { name: "purchase", steps } as unknown as JsonObject);
  });
  after(async () => {
    await s.close();
    for (const participant of participants) await participant.close();
  });

  function payment({ body }: Received): Reply {
    const { customer, amount, refused } = body.data as { customer: string; amount: number; refused: boolean };
    const { saga_id, command } = body;
    switch (command) {
      case "hold":
        bank.carryOut(`${saga_id} hold`, () => bank.move(customer, "held", amount));
        break;
      case "release":
        bank.undo(`${saga_id} hold`, () => bank.move("held", customer, amount));
        break;
      case "fee":
        bank.carryOut(`${saga_id} fee`, () => bank.move("held", "fees", 1));
        break;
      case "return_fee":
        bank.undo(`${saga_id} fee`, () => bank.move("fees", "held", 1));
        break;
      case "capture":
        if (refused) return { status: 422, body: { error: "refused" } };
        bank.carryOut(`${saga_id} capture`, () => bank.move("held", "merchant", amount - 1));
        break;
      case "give_back":
        bank.undo(`${saga_id} capture`, () => bank.move("merchant", "held", amount - 1));
        break;
    }
    return { body: { [command]: true } };
  }

  function shelves({ body }: Received): Reply {
    const { saga_id, command } = body;
    if (command === "reserve") stock.carryOut(saga_id, () => stock.move("shelf", "parcels", 1));
    else stock.undo(saga_id, () => stock.move("parcels", "shelf", 1));
    return { body: {} };
  }

  /** Errors, lost answers, answers that never come, duplicates and slowness around what is really done. */
  function flaky(work: (request: Received) => Reply): Promise<TestParticipant> {
    return testParticipant(async (request) => {
      draws += 1;
      const dice = random();
      if (dice < 0.4) flaws += 1;
      if (dice < 0.1) return { status: 503 };
      if (dice < 0.15) return "drop";
      if (dice < 0.2) {
        work(request);
        return "drop";
      }
      if (dice < 0.22) return "hang";
      if (dice < 0.24) {
        work(request);
        return "hang";
      }
      if (dice < 0.3) await sleep(SLOW_MS);
      // The network delivers it twice.
      if (dice < 0.4) work(request);
      return work(request);
    });
  }

  test(`money in is money out, after ${SAGAS} of them`, async (context) => {
    context.diagnostic(`seed ${seed}`);
    const ended = Array.from({ length: SAGAS }, async (_, n) => {
      const refused = n % 10 < REFUSED_OF_TEN;
      const input = { customer: `customer-${n % CUSTOMERS}`, amount: 10 + (n % 7), refused };
      const id = await s.sagas.sagas.start(TENANT, { type: "purchase", input, correlationId: null });
      for await (const event of await s.sagas.sagas.events(TENANT, id, 0)) if (endingEvents.includes(event.type)) break;
      return { input, saga: await s.sagas.sagas.get(TENANT, id) };
    });
    const spent = new Map<string, number>();
    let merchant = 0;
    let sold = 0;
    for (const { input, saga } of await Promise.all(ended)) {
      // Whoever has no luck in all its attempts is undone as well.
      if (input.refused) assert.equal(saga.status, "compensated", JSON.stringify(saga.execution.error));
      if (saga.status !== "completed") {
        assert.equal(saga.execution.compensationStatus, "completed");
        continue;
      }
      sold += 1;
      spent.set(input.customer, (spent.get(input.customer) ?? 0) + input.amount);
      merchant += input.amount - 1;
    }
    context.diagnostic(`${draws} requests, ${flaws} of them flawed`);
    assert.ok(flaws > SAGAS / 2);
    assert.equal(bank.total(), CUSTOMERS * OPENING);
    assert.equal(bank.accounts.get("held"), 0);
    assert.deepEqual([bank.accounts.get("merchant"), bank.accounts.get("fees")], [merchant, sold]);
    for (let n = 0; n < CUSTOMERS; n++) {
      const customer = `customer-${n}`;
      assert.equal(bank.accounts.get(customer), OPENING - (spent.get(customer) ?? 0), customer);
    }
    assert.deepEqual([stock.accounts.get("shelf"), stock.accounts.get("parcels")], [SAGAS - sold, sold]);
  });
});
