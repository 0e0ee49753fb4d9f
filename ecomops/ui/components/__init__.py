"""Components that more than one page uses: functions of their arguments to ``rx.Component``."""
