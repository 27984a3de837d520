"""What operators see of a running service: metrics, the decision log and the process log.

Nothing here may slow or change a decision: the hot path counts and appends, and threads of their own write.
"""
