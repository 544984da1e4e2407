"""From runs to ladder.csv, report.md and report.html: facts, tables, templates."""
