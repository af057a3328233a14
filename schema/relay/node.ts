import { Field, ID, InterfaceType } from "type-graphql";

@InterfaceType({ description: "An object with an id of its own, to be read again with `node(id:)`." })
export abstract class Node {
  @Field(() => ID, {
    description:
      "Unique in the whole API and stable: caches may key on it. A prefix for the type and the integer of the REST API, such as `ex_789`. Where an argument says whose id it is, the bare integer is taken as well.",
  })
  readonly id!: string;
}
