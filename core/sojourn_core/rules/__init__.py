"""Rules: functions of values, which decide. None of them keeps anything of a call."""
