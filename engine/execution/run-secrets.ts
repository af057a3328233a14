import { createSecretMask, MASK, type SecretMask } from "../expression/index.ts";
import { isLargerThan, LARGE } from "../large-json/index.ts";
import {
  type ExecutionRecord,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type MaybePromise,
  type StepRecord,
} from "../model/index.ts";
import { isSecretName, type Keyring } from "../secret/index.ts";

/** Shorter texts of a secret output, such as `Bearer` or `json`, stand everywhere and tell nothing. */
const MIN_LENGTH = 8;
/** Of what an expression made of a secret: nothing but the secret is in it. */
const MIN_HIDDEN_LENGTH = 4;
/** Each makes a dozen needles, which all that comes from outside is searched for. */
const MAX_TEXTS = 32;
const MAX_LENGTH = 4_096;

/** The secrets of one execution in hand: opened where they are used, and searched for in what comes back from outside. */
export class RunSecrets {
  private readonly texts = new Set<string>();
  private ownMask: SecretMask | null = null;

  constructor(
    private readonly executionId: number,
    private readonly ports: { readonly keyring: Keyring; readonly mask: SecretMask },
  ) {}

  /** The output of a step, in clear. */
  outputOf({ id, output, sealed }: Pick<StepRecord, "id" | "output" | "sealed">): JsonValue {
    if (sealed === null) return output;
    const value = this.ports.keyring.open(sealed, `execution:${this.executionId}/step:${id}`);
    this.learn(value);
    return value;
  }

  /** What the execution was started with, in clear. */
  triggerOf({ triggerData, sealed }: Pick<ExecutionRecord, "triggerData" | "sealed">): JsonObject {
    if (sealed === null) return triggerData;
    return this.ports.keyring.open(sealed, `execution:${this.executionId}/trigger`) as JsonObject;
  }

  sealOutput(stepId: number, value: JsonValue): string {
    this.learn(value);
    return this.ports.keyring.seal(value, `execution:${this.executionId}/step:${stepId}`);
  }

  /** A value that an expression made of a secret: another side may send it back. */
  learnHidden(values: readonly JsonValue[]): void {
    for (const value of values) this.learn(value, MIN_HIDDEN_LENGTH);
  }

  /** As it may be stored and shown. Returns the same reference when there was nothing to hide. */
  mask<T extends JsonValue>(value: T): T {
    const masked = this.ports.mask(value);
    if (this.texts.size === 0) return masked;
    this.ownMask ??= createSecretMask(this.texts);
    return this.ownMask(masked);
  }

  /** The same, a large value in slices. */
  maskInSlices<T extends JsonValue>(value: T): MaybePromise<T> {
    if (!isLargerThan(LARGE, value)) return this.mask(value);
    return Promise.resolve(this.ports.mask.inSlices(value)).then((masked) => {
      if (this.texts.size === 0) return masked;
      this.ownMask ??= createSecretMask(this.texts);
      return this.ownMask.inSlices(masked);
    });
  }

  private learn(value: JsonValue, minLength = MIN_LENGTH): void {
    if (typeof value === "string") {
      if (value.length < minLength || value.length > MAX_LENGTH || value.includes(MASK)) return;
      if (this.texts.size >= MAX_TEXTS || this.texts.has(value)) return;
      this.texts.add(value);
      this.ownMask = null;
    } else if (Array.isArray(value)) for (const member of value) this.learn(member, minLength);
    else if (isJsonObject(value)) {
      for (const [key, member] of Object.entries(value)) {
        // Of an answer's headers most are the same for everybody.
        if (key === "headers" && isJsonObject(member)) {
          this.learn(Object.entries(member).flatMap(([name, one]) => (isSecretName(name) ? [one] : [])));
        } else this.learn(member, minLength);
      }
    }
  }
}
