"""Tests the scan for secrets: each kind that is planted in a repository is found, and what is allowed is not."""

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

SCAN = Path(__file__).with_name("check_secrets.sh")

# Put together here, or the scan would find them in this file.
PLANTED = {
    "an AWS access key": "AKIA" + "ABCDEFGHIJKLMNOP",
    "an AWS secret key": "aws_secret_access_key = " + "a1B2" * 10,
    "a private key": "-----BEGIN " + "PRIVATE KEY-----",
    "a token of a code host": "ghp" + "_" + "a1B2c3" * 6,
    "a Korean mobile number": "010-" + "9876-5432",
}
ALLOWED = ["AKIA" + "IOSFODNN7EXAMPLE", "010-1234-" + "5678", "+8210" + "00001234", "aws_secret_access_key = test"]


class Scan(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "infra/lint").mkdir(parents=True)
        shutil.copy(SCAN, self.folder / "infra/lint")

    def scan(self, text):
        """Status and output of the scan of a repository with this text in a file."""
        (self.folder / "README.md").write_text(text)
        subprocess.run(["git", "init", "-q"], cwd=self.folder, check=True)
        subprocess.run(["git", "add", "README.md"], cwd=self.folder, check=True)
        done = subprocess.run(["infra/lint/check_secrets.sh"], cwd=self.folder, capture_output=True, text=True)
        return done.returncode, done.stdout

    def test_b4_25_each_kind_of_secret_is_found(self):
        for kind, secret in PLANTED.items():
            with self.subTest(kind):
                status, output = self.scan(f"one\n{secret}\n")
                self.assertEqual(status, 1)
                self.assertIn(f"{kind}:\nREADME.md:2:", output)

    def test_b4_25_what_is_made_up_is_let_pass(self):
        self.assertEqual(self.scan("\n".join(ALLOWED)), (0, ""))


if __name__ == "__main__":
    unittest.main()
