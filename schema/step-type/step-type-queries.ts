import { Arg, Ctx, Query, Resolver } from "type-graphql";
import type { Context } from "../context.ts";
import { StepType } from "./step-type.ts";

@Resolver()
export class StepTypeQueries {
  @Query(() => [StepType], { description: "Every kind of step, in the order of the documentation." })
  stepTypes(@Ctx() { engine }: Context): StepType[] {
    return engine.stepTypes.all().map((stepType) => new StepType(stepType));
  }

  @Query(() => StepType, { nullable: true, description: "A kind of step; null when there is none of this name." })
  stepType(
    @Arg("name", () => String, { description: "Such as `http_request`." }) name: string,
    @Ctx() { engine }: Context,
  ): StepType | null {
    const stepType = engine.stepTypes.get(name);
    return stepType === undefined ? null : new StepType(stepType);
  }
}
