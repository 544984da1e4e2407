"""What learning curves and range tests show: `diagnose`, the lectures' rules, their findings."""
