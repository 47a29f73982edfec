import pytest
from app.db.ids import uuid7
from app.models import Role
@pytest.mark.parametrize("kind", ["calls","audit","audit_json"])
def test_x(client, make, kind):
    o=make.organization(); make.user(o, Role.OWNER); u=make.user(o, Role.ADMIN)
    client.sign_in(u)
    bad=[]
    for q in ["q=%00","q=a%00b","q=%ED%A0%80","request_id=%00","address=%00","sort=%00","sort=x","actor=","period=custom&from=0001-01-01&to=9999-12-31","field=%00","q=%F0%9F"]:
        r=client.answer_of("/exports", {"row_id":str(uuid7()),"kind":kind,"query":q})
        if r.status>=500: bad.append((q,r.status))
    assert not bad
def test_own(client, make):
    o=make.organization(); make.user(o, Role.OWNER); u=make.user(o, Role.OWNER)
    t=make.task(o)
    client.sign_in(u)
    client.get("/tasks") if False else None
