import { readFileSync } from "node:fs";

/**
 * Loaded before a service (`--import`): its machine's clock is off by what the file of TEST_DATE_SHIFT says, in ms. Read
 * again on SIGUSR2, as if somebody had set the clock; it is answered by an empty line on stderr.
 */
const file = process.env.TEST_DATE_SHIFT!;
const read = (): number => Number(readFileSync(file, "utf8"));
let shift = read();
const machine = Date;
const now = (): number => machine.now() + shift;

globalThis.Date = new Proxy(machine, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  get: (target, name, receiver) => (name === "now" ? now : Reflect.get(target, name, receiver)),
});
process.on("SIGUSR2", () => {
  shift = read();
  process.stderr.write("\n");
});
