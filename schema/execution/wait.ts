import { Ctx, Field, ObjectType } from "type-graphql";
import type { OwnedStep, Wait as WaitRecord } from "../../engine/index.ts";
import type { Context } from "../context.ts";
import { enumeration } from "../enumeration.ts";
import { DateTime } from "../scalars.ts";
import { Execution } from "./execution.ts";
import { Step } from "./step.ts";

type WaitKind = WaitRecord["kind"] | "approval";

const WaitKindEnum = enumeration<WaitKind>("WaitKind", "What a step waits for.", {
  timer: "A time: a delay.",
  retry: "The time of its next attempt.",
  event: "An event: sendEvent brings it.",
  approval: "A person's word: approveStep brings it, or an event whose data says `approved`.",
  execution: "The end of another execution.",
});

@ObjectType({ description: "What a waiting step waits for, and until when.", simpleResolvers: true })
export class Wait {
  constructor(private readonly owned: OwnedStep) {}

  private get wait(): WaitRecord {
    return this.owned.step.wait!;
  }

  @Field(() => Step, { description: "The step that waits." })
  get step(): Step {
    return new Step(this.owned);
  }

  @Field(() => WaitKindEnum, { description: "What it waits for." })
  get kind(): WaitKind {
    return this.wait.kind === "event" && this.wait.approval ? "approval" : this.wait.kind;
  }

  @Field(() => DateTime, {
    nullable: true,
    description:
      "When it goes on by itself: for TIMER and RETRY with its work, for EVENT and APPROVAL by failing. Null: never.",
  })
  get until(): number | null {
    return this.owned.step.wakeAt;
  }

  @Field(() => String, { nullable: true, description: "Name of the awaited event, for EVENT and APPROVAL." })
  get eventName(): string | null {
    return this.wait.kind === "event" ? this.wait.event : null;
  }

  @Field(() => String, { nullable: true, description: "Only an event with this correlation counts; null: any." })
  get correlation(): string | null {
    return this.wait.kind === "event" ? this.wait.correlation : null;
  }

  @Field(() => Execution, { nullable: true, description: "The awaited execution, for EXECUTION." })
  async execution(@Ctx() { loaders }: Context): Promise<Execution | null> {
    if (this.wait.kind !== "execution") return null;
    const record = await loaders.execution.load(this.wait.execution_id);
    return record && new Execution(record);
  }
}
