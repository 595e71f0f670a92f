"""Writes models with the formats' own libraries into the folder named, and says as JSON what they hold."""
import json
import os
import pickle
import sys

import gguf
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file

out = sys.argv[1]
at = lambda *name: os.path.join(out, *name)
rng = np.random.default_rng(7)
told = {}

for name in ("plain", "split", "onnx", "external", "sharded", "evil"):
    os.makedirs(at(name))

tensors = {"a.weight": rng.random((7, 5), dtype=np.float32), "b": rng.random((3,)).astype(np.float16), "empty": np.zeros((0, 4), dtype=np.int8)}
save_file(tensors, at("plain", "model.safetensors"), metadata={"format": "np"})
told["plain"] = {name: [list(value.shape), value.nbytes] for name, value in tensors.items()}

for part, name in ((1, "a.weight"), (2, "b")):
    save_file({name: tensors[name]}, at("sharded", f"model-0000{part}-of-00002.safetensors"))
with open(at("sharded", "model.safetensors.index.json"), "w") as file:
    json.dump({"metadata": {"total_size": 146}, "weight_map": {"a.weight": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}, file)
told["sharded"] = {name: told["plain"][name] for name in ("a.weight", "b")}

writer = gguf.GGUFWriter(at("split", "model.gguf"), "llama", split_max_tensors=2)
writer.add_name("tiny")
writer.add_token_list(["<s>", "</s>", "é"])
writer.add_chat_template("{{ messages }}")
told["split"] = {}
for number, kind in enumerate((gguf.GGMLQuantizationType.Q8_0, gguf.GGMLQuantizationType.F32, gguf.GGMLQuantizationType.Q4_0)):
    data = gguf.quants.quantize(rng.random((4, 64), dtype=np.float32), kind)
    writer.add_tensor(f"blk.{number}.weight", data, raw_dtype=kind)
    told["split"][f"blk.{number}.weight"] = [[64, 4], data.nbytes]
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()


def network():
    weights = [numpy_helper.from_array(rng.random((64, 32), dtype=np.float32), "w"), numpy_helper.from_array(rng.random((32,), dtype=np.float32), "b")]
    graph = helper.make_graph(
        [helper.make_node("Gemm", ["x", "w", "b"], ["y"])],
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 64])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 32])],
        weights + [helper.make_tensor("typed", TensorProto.INT64, [3], [1, -2, 3])],
    )
    model = helper.make_model(graph, producer_name="peers")
    onnx.checker.check_model(model)
    return model


onnx.save(network(), at("onnx", "model.onnx"))
onnx.save(network(), at("external", "model.onnx"), save_as_external_data=True, location="weights.bin", size_threshold=0)
told["onnx"] = told["external"] = {"w": [[64, 32], 8192], "b": [[32], 128], "typed": [[3], 24]}


class Evil:
    def __reduce__(self):
        return (os.system, ("true",))


for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
    with open(at("evil", f"p{protocol}.txt"), "wb") as file:
        pickle.dump({"weights": [1.5, Evil()]}, file, protocol)
np.save(at("evil", "objects.npy"), np.array([Evil()], dtype=object), allow_pickle=True)

print(json.dumps(told))
