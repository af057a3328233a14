import { Arg, Ctx, Query, Resolver } from "type-graphql";
import type { Context } from "../context.ts";
import { Simulation } from "./simulation.ts";
import { SimulateInput, toRequest } from "./simulation-inputs.ts";

@Resolver()
export class SimulationQueries {
  @Query(() => Simulation, {
    description:
      "Runs a workflow, or a definition that is not saved, without doing anything: to see its branches, attempts, waits and undoing. Errors: VALIDATION_FAILED with every broken rule in `extensions.issues`, WORKFLOW_NOT_FOUND.",
  })
  async simulate(
    @Arg("input", () => SimulateInput, { description: "What to simulate, and in which world." }) input: SimulateInput,
    @Ctx() { engine, actor }: Context,
  ): Promise<Simulation> {
    return new Simulation(await engine.simulations.simulate(actor.tenantId, toRequest(input)));
  }
}
