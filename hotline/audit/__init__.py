"""Evidence from disk, without the daemon and without believing it: verify, prove, export.

verify_home(home)            re-read every byte of both logs of each line, and say what was checked
prove(home, "NORTH 7")       a C2SP .tlog-proof of one notice
export_line(home, name, to)  a folder that `verify_export` and `protocol/reference.py` verify (SPEC section 9)
fork_proof(home, name)       a fork file, which `verify_fork` and `protocol/reference_fork.py` verify (SPEC section 9.1)
"""

from hotline.audit.export import export_line
from hotline.audit.exported import ExportedLog, verify_export
from hotline.audit.fork import Convicted, fork_proof, verify_fork
from hotline.audit.prove import prove
from hotline.audit.report import LogReport, Report
from hotline.audit.verify import verify_home

__all__ = [
    "Convicted",
    "ExportedLog",
    "LogReport",
    "Report",
    "export_line",
    "fork_proof",
    "prove",
    "verify_export",
    "verify_fork",
    "verify_home",
]
