import type { JsonValue } from "../model/index.ts";
import { isAudited, noteOutcome, refusalCode } from "./audited-request.ts";

/** How an entry tells of a call of one method. `A` are its arguments, `R` its result. */
interface Change<S, A extends readonly unknown[], R> {
  /** `workflow.update` */
  readonly action: string;
  /** `workflow:5`; the result is null when it was refused. */
  target(args: A, result: R | null): string | null;
  /** The state that is changed. Read before the change and not under its lock: of two at once, both may show the same. */
  before?(service: S, args: A): Promise<unknown>;
  /** The state that came of it, and what of the request does not show in it. Default: the result. */
  after?(result: R, args: A): unknown;
  /** What a refused call wanted. */
  asked(args: A): unknown;
  /** The change has a lasting record of its own, so that its answer does not wait for the entry. Default false. */
  readonly hasRecord?: boolean;
}

/** Of a service: how each method that changes something is told of. */
export type Changes<S> = {
  readonly [M in keyof S]?: S[M] extends (...args: infer A) => Promise<infer R> ? Change<S, A, R> : never;
};

type Method = (...args: unknown[]) => Promise<unknown>;

/**
 * The same service, whose changes leave an entry when somebody asked for them. The engine gives these to both faces;
 * it works with the plain ones itself.
 */
export function audited<S extends object>(service: S, changes: Changes<S>): S {
  const methods = new Map<PropertyKey, Method>();
  for (const [name, change] of Object.entries(changes) as [keyof S & string, AnyChange][]) {
    const method: Method = (...args) => (service[name] as Method).apply(service, args);
    methods.set(name, noting(service, method, change));
  }
  return new Proxy(service, { get: (target, name, proxy) => methods.get(name) ?? Reflect.get(target, name, proxy) });
}

type AnyChange = Change<object, readonly unknown[], unknown>;

function noting(service: object, method: Method, change: AnyChange): Method {
  const { action, hasRecord = false } = change;
  return async (...args) => {
    if (!isAudited()) return method(...args);
    // What cannot be read is not there; the change itself will say so.
    const before = toJson(await change.before?.(service, args).catch(() => null));
    try {
      const result = await method(...args);
      const after = toJson(change.after ? change.after(result, args) : result);
      noteOutcome({ action, target: change.target(args, result), before, after, refused: null }, !hasRecord);
      return result;
    } catch (error) {
      const after = toJson(change.asked(args));
      const refused = refusalCode(error);
      noteOutcome({ action, target: change.target(args, null), before: null, after, refused }, true);
      throw error;
    }
  };
}

/** Rows hold dates, which JSON writes as text. */
function toJson(value: unknown): JsonValue {
  return value === undefined || value === null ? null : (JSON.parse(JSON.stringify(value)) as JsonValue);
}
