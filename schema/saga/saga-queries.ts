import { Arg, Args, Ctx, Field, ID, InputType, Query, Resolver } from "type-graphql";
import { type CompensationStatus, DomainError } from "../../engine/index.ts";
import { type Saga as SagaRecord, type SagaStatus, sagaFilterTexts } from "../../saga/index.ts";
import { CompensationStatusEnum } from "../execution/statuses.ts";
import { Connection } from "../relay/connection.ts";
import { PageArgs, toWindow } from "../relay/page-args.ts";
import { Told } from "../told.ts";
import type { SagaContext } from "./context.ts";
import { Saga, SagaConnection } from "./saga.ts";
import { SagaType } from "./saga-type.ts";
import { SagaStatusEnum } from "./statuses.ts";

@InputType({ description: "Which sagas; all that is given must hold." })
@Told(sagaFilterTexts)
class SagaFilter {
  @Field(() => SagaStatusEnum, { nullable: true })
  status?: SagaStatus | null;

  @Field(() => CompensationStatusEnum, { nullable: true })
  compensationStatus?: CompensationStatus | null;

  @Field(() => String, { nullable: true, description: "Name of their type." })
  type?: string | null;

  @Field(() => String, { nullable: true })
  correlationId?: string | null;
}

@Resolver()
export class SagaQueries {
  @Query(() => Saga, { nullable: true, description: "A saga; null when there is none of this id." })
  async saga(
    @Arg("id", () => ID, { description: "Of the saga, a UUID." }) id: string,
    @Ctx() { orchestrator, actor }: SagaContext,
  ): Promise<Saga | null> {
    try {
      return new Saga(await orchestrator.sagas.get(actor.tenantId, id));
    } catch (error) {
      if (error instanceof DomainError && error.code === "SAGA_NOT_FOUND") return null;
      throw error;
    }
  }

  @Query(() => SagaConnection, { description: "The tenant's sagas, newest first." })
  async sagas(
    @Args(() => PageArgs) args: PageArgs,
    @Arg("filter", () => SagaFilter, { nullable: true, description: "Which ones. Default: all." })
    filter: SagaFilter | null,
    @Ctx() { orchestrator: { sagas }, actor }: SagaContext,
  ) {
    const window = toWindow(args, "Saga");
    const query = {
      status: filter?.status ?? undefined,
      compensationStatus: filter?.compensationStatus ?? undefined,
      type: filter?.type ?? undefined,
      correlationId: filter?.correlationId ?? undefined,
    };
    return new Connection<SagaRecord, Saga>({
      page: await sagas.page(actor.tenantId, query, window),
      window,
      keyOf: (saga) => saga.execution.id,
      toNode: (saga) => new Saga(saga),
      count: () => sagas.count(actor.tenantId, query),
    });
  }

  @Query(() => [SagaType], { description: "The tenant's registered saga types, by name." })
  async sagaTypes(@Ctx() { orchestrator, actor }: SagaContext): Promise<SagaType[]> {
    return (await orchestrator.types.list(actor.tenantId)).map((type) => new SagaType(type));
  }
}
