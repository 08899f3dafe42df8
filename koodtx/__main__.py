"""`python -m koodtx` is the command `koodtx`."""

from koodtx.cli import main

raise SystemExit(main())
