from support.identities import identity, sans


def test_names_are_sorted_out_by_their_type_in_their_order() -> None:
    holder = identity(sans=sans("dns:b.example", "email:a@b", "dns:a.example", "uri:urn:x", "ip:10.0.0.1", "upn:u@d"))
    assert holder.dns_names == ("b.example", "a.example")
    assert holder.emails == ("a@b",)
    assert holder.uris == ("urn:x",)
    assert holder.ip_addresses == ("10.0.0.1",)
    assert holder.upns == ("u@d",)


def test_name_shows_its_type() -> None:
    assert [str(san) for san in sans("dns:a.example", "uri:urn:x:y")] == ["dns:a.example", "uri:urn:x:y"]
