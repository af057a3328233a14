export { type OutputSource, outputSources } from "./mocked-work.ts";
export { type SimulatedLog, type SimulatedStep, type Simulation, simulationLimits } from "./simulate.ts";
export type { SimulationRequest, StepMock } from "./simulation-input.ts";
export { SimulationService } from "./simulation-service.ts";
