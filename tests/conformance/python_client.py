"""frost_sta_client, the client of most Python programs, does each thing that it can do. python_client.py ROOT"""

import sys

import frost_sta_client as fsc
from geojson import Point

MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
passed = 0
failed = 0


def expect(name, holds, seen=""):
    global passed, failed
    passed += bool(holds)
    failed += not holds
    print("ok    " if holds else "FAILED", name, seen)


def make_thing(service):
    location = fsc.Location(name="pier", description="d", encoding_type="application/geo+json",
                            location=Point((8.4, 49.0)))
    unit = fsc.UnitOfMeasurement(name="degree Celsius", symbol="C", definition="ucum:Cel")
    sensor = fsc.Sensor(name="probe", description="d", encoding_type="text/html", metadata="m")
    observed = fsc.ObservedProperty(name="temperature", definition="https://example.org/t",
                                    description="d")
    stream = fsc.Datastream(name="water", description="d", observation_type=MEASUREMENT,
                            unit_of_measurement=unit, sensor=sensor, observed_property=observed)
    thing = fsc.Thing(name="gauge", description="d", properties={"wet": True},
                      locations=[location], datastreams=[stream])
    service.create(thing)
    return thing


def ask(service, thing):
    found = service.things().find(thing.id)
    expect("find", found.name == "gauge" and found.properties == {"wet": True})
    stream = found.get_datastreams().query().list().entities[0]
    expect("navigate to Datastreams", stream.name == "water")
    for minute in range(25):
        service.create(fsc.Observation(phenomenon_time=f"2024-01-01T00:{minute:02}:00Z",
                                       result=minute * 1.5,
                                       datastream=fsc.Datastream(id=stream.id)))
    newest = fsc.Observation(phenomenon_time="2024-01-01T01:00:00Z/2024-01-01T02:00:00Z",
                             result=99, datastream=stream)
    service.create(newest)
    page = (stream.get_observations().query().filter("result gt 15 and result lt 90")
            .orderby("phenomenonTime", "desc").count().top(5).list())
    expect("filter, count, order, top", page.count == 14 and page.entities[0].result == 36.0,
           page.count)
    expect("all pages", len(list(page)) == 14)
    expand = "Locations,Datastreams($expand=Sensor,Observations($top=1;$orderby=phenomenonTime desc))"
    whole = service.things().query().filter(f"id eq {thing.id}").expand(expand).list().entities[0]
    inner = whole.datastreams.entities[0]
    expect("expand", whole.locations.entities[0].name == "pier" and inner.sensor.name == "probe" and
           inner.observations.entities[0].result == 99)
    return stream, newest


def ask_by_place(service, thing):
    near = "geography'POLYGON ((8 48,9 48,9 50,8 50,8 48))'"
    where = f"startswith(name,'gau') and st_within(Locations/location, {near})"
    expect("filter by text and place",
           any(one.id == thing.id for one in service.things().query().filter(where).list().entities))


def change(service, thing):
    found = service.things().find(thing.id)
    service.patch(found, [{"op": "add", "path": "/properties/more", "value": 1}])
    found = service.things().find(thing.id)
    expect("JSON patch", found.properties == {"wet": True, "more": 1}, found.properties)
    found.name = "renamed"
    service.update(found)
    expect("update", service.things().find(thing.id).name == "renamed")


def remove(service, thing, stream, newest):
    service.delete(newest)
    left = stream.get_observations().query().list()
    expect("delete an Observation", not any(one.id == newest.id for one in left))
    service.delete(thing)
    try:
        service.things().find(thing.id)
        expect("what is deleted is not found", False)
    except Exception as error:  # the client raises what its HTTP library does
        expect("what is deleted is not found", "404" in str(error), error)


def attempt(name, step, *given):
    try:
        return step(*given)
    except Exception as error:
        expect(name, False, f"{type(error).__name__}: {error}")
        return None


def main():
    service = fsc.SensorThingsService(sys.argv[1])
    thing = attempt("deep insert", make_thing, service)
    if thing is not None:
        expect("deep insert", thing.id is not None, thing.id)
        asked = attempt("asking", ask, service, thing)
        attempt("filter by text and place", ask_by_place, service, thing)
        attempt("changing", change, service, thing)
        if asked is not None:
            attempt("deleting", remove, service, thing, *asked)
    print(f"{passed} passed, {failed} failed")
    return failed > 0 or passed == 0


if __name__ == "__main__":
    sys.exit(main())
