"""What the official suite found: each of its tests that did not pass, then how many did. suite_results.py FILE"""

import sys
import xml.etree.ElementTree

passed = failed = 0
for suite_class in xml.etree.ElementTree.parse(sys.argv[1]).iter("class"):
    for method in suite_class.iter("test-method"):
        status = method.get("status")
        if status == "PASS":
            # What only prepares a test is none.
            passed += method.get("is-config") != "true"
            continue
        failed += 1
        name = f"{suite_class.get('name').split('.')[-1]}.{method.get('name')}"
        message = method.findtext("exception/message", "").strip()
        print(f"{status} {name}: {message[:1000]}")
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0 or passed == 0)
