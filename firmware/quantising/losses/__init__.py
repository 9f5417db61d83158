"""What int8 loses: verdicts that change, the layer where most is lost, and what helps."""
