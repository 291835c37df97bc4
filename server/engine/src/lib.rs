//! The protocol-free core: workspace, runs, events, agents, stages, workflows.
