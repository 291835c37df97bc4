-- Calls to models are written down for all workspaces together, in calls.sqlite3, since budgets count all of them.
DROP TABLE model_calls;
